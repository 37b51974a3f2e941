"""What `verify` checks, each part for itself.

report   what was checked and what does not hold
events   every event: its digest, the chain in its stream, its place
tree     the tree over the log, and what was signed of it
seals    every sealed text and its key, and what was erased
files    every published file: of runs as the log has them (logged), on the disk (disk)
crew     many runs side by side, with processes that help (worker)
pause    a check that was cut off goes on where it was
"""
