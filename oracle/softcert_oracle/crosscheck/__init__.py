"""The witnesses of the truth, held against one another on adversarial inputs."""
