"""Trying a flow in the terminal: a call without a telephone, a server or an account, on the player of scenarios."""
