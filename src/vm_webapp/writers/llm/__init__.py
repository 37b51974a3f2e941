"""The language-model writer: any stage, written by a model that is named in the settings.

`configuration` says which models there are and with which settings; `writer` is the adapter of the port. The libraries
that speak to models are loaded with the first stage that is written, never at program start.
"""

from vm_webapp.writers.llm.configuration import PROVIDERS, LlmConfig, configure, usable_providers
from vm_webapp.writers.llm.writer import LlmWriter

__all__ = ["PROVIDERS", "LlmConfig", "LlmWriter", "configure", "usable_providers"]
