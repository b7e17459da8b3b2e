"""The ways in: each spider says where it starts and which links it wants."""
