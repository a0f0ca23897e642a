"""The gateway's door for Celery."""

from __future__ import annotations

from celery import shared_task

from shop.gateway import deliveries


@shared_task(name="shop.gateway.tasks.deliver")
def deliver() -> int:
    """Post the webhooks that are due."""
    return deliveries.deliver()
