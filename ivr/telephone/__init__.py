"""A telephone in the terminal: it speaks the handset protocol of docs/simulator.md and knows nothing else."""
