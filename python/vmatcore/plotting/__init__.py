"""Figures. Only this folder knows matplotlib, and imports it when a figure is asked for."""

from vmatcore.plotting.comparison import comparison_figure
from vmatcore.plotting.lipophilicity import lipophilicity_figure
from vmatcore.plotting.run import run_figure
from vmatcore.plotting.window import window_figure

__all__ = ["comparison_figure", "lipophilicity_figure", "run_figure", "window_figure"]
