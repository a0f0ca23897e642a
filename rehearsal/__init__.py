"""The mock show: a simulated host and viewers who use only the platform's public doors."""
