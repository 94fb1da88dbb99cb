"""What commands of the command line do; `igfsched.cli` knows how they are called."""
