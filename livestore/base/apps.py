from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "livestore.base"
    label = "base"
    verbose_name = "Plumbing"
