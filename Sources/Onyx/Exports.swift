@_exported import OnyxFiles
@_exported import OnyxInsight
@_exported import OnyxTensor
