"""The subjects of certification: the plug-in contract, adapters, bundled implementations and galleries."""
