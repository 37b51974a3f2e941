"""Pure rules: commands, events, decide, evolve, next_step; the standard library only, no clock, no ids, no I/O."""
