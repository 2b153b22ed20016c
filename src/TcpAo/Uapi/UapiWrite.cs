namespace TcpAo.Uapi;

/// <summary>Bytes that a call writes into the caller's memory.</summary>
/// <param name="Offset">Where, from the start of the option's value. It may be behind the length that the caller gave, as on Linux.</param>
/// <param name="Bytes">What. May hold keys: whoever has written it erases it.</param>
public readonly record struct UapiWrite(int Offset, byte[] Bytes);
