"""Caller and agent meet: an agent's telephone rings, the agent accepts, both come into one conference, and part.

``lines`` knows where agents are rung, ``legs`` which call of ours rings whom, ``host`` hears in routing's journal what
is to be done, ``guests`` answers the agents' telephones, ``words`` is what agents hear. The telephone itself is rung by
``ivr/acts/ring.py``. Every arrow is named by a commit of routing's or of the call's, so that it happens though the
process that made it was killed.
"""
