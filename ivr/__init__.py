"""The application: the telephone edge, calls, console, simulator and commands; it wires flows, routing and recordings."""

__version__ = "0.1.0"
