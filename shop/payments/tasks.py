"""Payment doors for Celery: they make things prompt, the rows make them sure."""

from __future__ import annotations

import time

from celery import shared_task

from shop import sweeps
from shop.payments import services

PATIENCE_S = 20.0  # then the next beat goes on


@shared_task(name="shop.payments.tasks.pay")
def pay(order_ids: list[int]) -> int:
    """Start the first payment of these orders; called when they were placed, harmless when called again."""
    return services.start_attempts(order_ids)


@shared_task(name="shop.payments.tasks.retry")
def retry() -> int:
    """Take up attempts and refunds that nobody answered."""
    return services.retry_due()


@shared_task(name="shop.payments.tasks.settle")
def settle() -> int:
    """Settle webhooks that were taken many at once; returns at once when somebody is at it."""
    return services.settle(seconds=PATIENCE_S)


@shared_task(name="shop.payments.tasks.sweep")
def sweep() -> int:
    """Every deadline that has passed, in case the relay did not get to it; how many there were."""
    done = 0
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        batch = sum(sweeps.run_due().values())
        if not batch:
            break
        done += batch
    return done
