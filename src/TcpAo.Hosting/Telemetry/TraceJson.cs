using System.Text.Json.Serialization;

namespace TcpAo.Hosting.Telemetry;

/// <summary>The JSON of traces: names in kebab-case, as everywhere, but for those that are Linux'.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TraceRecord))]
public sealed partial class TraceJson : JsonSerializerContext;
