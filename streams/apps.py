from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "streams"
    verbose_name = "Shows"

    def ready(self) -> None:
        """Fill the places that the shop's pages leave for shows."""
        from streams.shows import panels  # noqa: F401  (registers by being loaded)
