using System.Text.Json.Serialization;

namespace TcpAo.Hosting.Diagnosis;

/// <summary>The JSON of <c>tcpao doctor --json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(DoctorReport))]
public sealed partial class DoctorJson : JsonSerializerContext;
