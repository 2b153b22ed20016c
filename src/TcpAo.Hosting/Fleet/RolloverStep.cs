using System.Text.Json.Serialization;

namespace TcpAo.Hosting.Fleet;

/// <summary>How far a coordinated rollover is.</summary>
public enum RolloverStep
{
    /// <summary>The new key is accepted, and nobody signs with it or asks for it. Over when every host accepts it.</summary>
    [JsonStringEnumMemberName("accept")]
    Accept,

    /// <summary>The new key signs and is asked for, and the old one is still accepted. Over when every connection of every host uses the new one both ways.</summary>
    [JsonStringEnumMemberName("send")]
    Send,

    /// <summary>The old key is gone. Over when no host has it.</summary>
    [JsonStringEnumMemberName("retire")]
    Retire,
}
