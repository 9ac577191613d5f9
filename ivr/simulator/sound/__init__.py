"""Sound on the line: mu-law at 8000 samples a second, one channel, so eight bytes a millisecond; 0xFF is silence.

``mulaw`` mixes it, ``files`` reads and writes WAV and MP3, ``tones`` and ``speakers`` make it, ``tape`` keeps what was
heard when. Nothing here knows of calls.
"""
