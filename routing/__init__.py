"""Who answers whom: contacts, agents, queues, offers. Redis and Lua; no telephony, no flows."""
