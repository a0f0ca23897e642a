"""Shows and their rooms: run of show, protocol, log, hub, chat, moderation, selling live."""
