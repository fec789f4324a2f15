"""The engine: token ids in, log-probabilities out. It knows neither tasks nor text."""
