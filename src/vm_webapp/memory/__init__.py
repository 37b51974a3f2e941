"""Recall over earlier artifacts: an index of what was published, a follower that keeps it up, and what is asked of it.

words, passages, queries, snippets   texts, and what is looked for in them
store, reading, published, intake    the index's file, and what goes into it
indexer                              the follower of the log
search, provenance, recall           what is found: for people, by origin, for writers
embeddings, vectors                  meaning, where a model for it is configured
index                                all of it for those who ask
"""

from vm_webapp.memory.embeddings import embeddings_of
from vm_webapp.memory.index import Found, MemoryIndex
from vm_webapp.memory.indexer import RecallIndexer
from vm_webapp.memory.provenance import KINDS
from vm_webapp.memory.search import Filters, Hit

__all__ = ["KINDS", "Filters", "Found", "Hit", "MemoryIndex", "RecallIndexer", "embeddings_of"]
