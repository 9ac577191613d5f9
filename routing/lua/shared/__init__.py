"""Rules that several transitions follow: spliced into each script whose header names them under USES."""
