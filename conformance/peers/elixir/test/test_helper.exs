# Processes are killed on purpose; the reports of that are not of interest.
:logger.set_primary_config(:level, :none)
ExUnit.start()
