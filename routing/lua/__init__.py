"""The transitions of routing, one Lua file each; ``shared`` has the rules that several of them follow."""
