@_exported import OnyxTensor
