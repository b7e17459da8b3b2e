"""What a run was like, and whether it was like those before it: figures, monitors, alarms."""
