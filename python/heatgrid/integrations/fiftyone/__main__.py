"""Installation of the plugin: a folder among FiftyOne's plugins that imports the installed heatgrid."""

from importlib.resources import files
from pathlib import Path

MODULE = '''"""heatgrid's plugin, imported from the installed package."""

from heatgrid.integrations.fiftyone import register as register
'''


def install(plugins: str | Path) -> Path:
    """Write the plugin into a folder of plugins, and return its own folder.

    FiftyOne imports the folder as a module of its name, which must not be that of the package.
    """
    folder = Path(plugins) / "heatgrid_plugin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text(MODULE)
    manifest = files("heatgrid.integrations.fiftyone") / "fiftyone.yml"
    (folder / "fiftyone.yml").write_bytes(manifest.read_bytes())
    return folder


if __name__ == "__main__":
    import fiftyone

    print(f"installed in {install(fiftyone.config.plugins_dir)}: restart the App")  # noqa: T201
