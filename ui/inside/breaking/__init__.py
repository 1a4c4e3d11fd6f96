"""The parts of "Break it": what is changed, the answers then, what broke, and which channel is needed most."""
