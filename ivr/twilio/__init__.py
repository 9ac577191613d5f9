"""The telephone edge: what is true of Twilio's webhooks, TwiML and REST API, and nothing about flows or calls."""
