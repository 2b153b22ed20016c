using System.Collections.Immutable;

namespace TcpAo.Hosting.Diagnosis;

/// <summary>What <c>tcpao doctor</c> found (docs/reference/doctor.md).</summary>
/// <param name="Healthy">Whether nothing is a problem.</param>
/// <param name="Checks">Everything that was looked at.</param>
public sealed record DoctorReport(bool Healthy, ImmutableArray<DoctorCheck> Checks)
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.doctor/1";

    /// <summary>Name and version of the format.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public string Schema { get; init; } = SchemaName;
}
