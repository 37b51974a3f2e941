"""What of a deliverable a model wrote, and what a person wrote, changed or approved: told from the log and the files.

Article 50 of the EU's AI Act asks that text which a model made can be told from text which a person answers for. The
shape of a disclosure stands in docs/bundles.md; its words for a source are those of IPTC's vocabulary
(https://cv.iptc.org/newscodes/digitalsourcetype/), its actions those of C2PA's assertion `c2pa.actions.v2`.

history     who made a stage, and what they began with, back to its origin
parts       which paragraphs are whose
shape       what a disclosure that came from elsewhere has to look like
wording     the same for people, in the document's language
"""

from vm_webapp.disclosure.records import Record, disclose_run, disclose_stage
from vm_webapp.disclosure.wording import to_markdown, to_text

__all__ = ["Record", "disclose_run", "disclose_stage", "to_markdown", "to_text"]
