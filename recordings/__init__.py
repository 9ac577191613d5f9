"""Audio kept and read: store, channels, transcription, redaction. Files and vosk; no telephony, no queues."""
