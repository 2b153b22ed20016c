namespace TcpAo.Hosting.Control;

/// <summary>Kestrel asks for logging and the like and can do without.</summary>
internal sealed class NoServices : IServiceProvider
{
    public static NoServices Instance { get; } = new();

    public object? GetService(Type serviceType) => null;
}
