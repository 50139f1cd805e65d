"""The exceptions and options under the name where onnxruntime has them."""

from .._binding import OrtValue as OrtValue
from .._errors import *  # noqa: F403
from .._options import *  # noqa: F403
from .._session import ModelMetadata as ModelMetadata
from .._session import NodeArg as NodeArg
from .._session import get_all_providers as get_all_providers
from .._session import get_available_providers as get_available_providers
