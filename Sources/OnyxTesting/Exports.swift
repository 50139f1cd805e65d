@_exported import Onyx
@_exported import OnyxCases
