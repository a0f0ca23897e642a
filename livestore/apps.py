from django.apps import AppConfig


class LivestoreConfig(AppConfig):
    """The wiring itself is an app so that its commands and templates are found; it has no models."""

    name = "livestore"
    label = "wiring"
    verbose_name = "livestore"
