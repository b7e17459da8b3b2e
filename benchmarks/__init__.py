"""What things cost, measured; `make bench` runs them all. Each module is one measurement."""
