"""What `verify` checks, each part for itself.

report   what was checked and what does not hold
events   every event: its digest, the chain in its stream, its place
tree     the tree over the log, and what was signed of it
seals    every sealed text and its key, and what was erased
files    every published file
pause    a check that was cut off goes on where it was
"""
