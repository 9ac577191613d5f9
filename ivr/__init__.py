"""The application: the telephone edge, calls, console, simulator, commands; wires flows, routing, recordings."""

__version__ = "0.1.0"
