"""What a Dial may connect with: each file reads one kind of noun and attempts the connection."""
