"""Webhooks after the Standard Webhooks specification: signed, retried, redeliverable, with a log of every try.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md; docs/webhooks.md is the
contract with receivers.

    requests    what is asked: made, given a new secret, tried, sent again
    queue       what each webhook is to be told, and every try: tables written with the webhook's checkpoint
    follower    reads the log on, hands out what is due, records what came of it
    message     what is sent: body, id, signature
    sending     one request, bounded in time and size
    targets     where may be sent to
    secrets     what signs, in files of their own
    signing     which of them sign now
"""

from vm_webapp.webhooks.follower import WebhookFollower

__all__ = ["WebhookFollower"]
