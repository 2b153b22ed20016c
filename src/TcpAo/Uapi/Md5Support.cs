namespace TcpAo.Uapi;

/// <summary>Who does TCP MD5 for the sockets of a namespace (RFC 2385).</summary>
public enum Md5Support
{
    /// <summary>
    /// The kernel: the model checks what TCP-AO has to say, and has the call passed on (<see cref="UapiAnswer.ToKernel"/>).
    /// </summary>
    Kernel,

    /// <summary>The engine, for a kernel without TCP MD5: the model answers by itself.</summary>
    Engine,
}
