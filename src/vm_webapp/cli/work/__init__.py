"""Work that is asked for at the command line: where it is asked (a desk), for whom, followed until it is settled."""
