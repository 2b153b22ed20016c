namespace TcpAo.Cli.Lab;

/// <summary>A key as A has it; B has its ids the other way round.</summary>
internal sealed record LabKey(byte SendId, byte RecvId, string Secret, string Algorithm = "hmac-sha-1-96");
