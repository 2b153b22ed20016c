using System.Collections.Immutable;

namespace TcpAo.Hosting.Configuration;

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates an exception without a place.</summary>
    public ConfigurationException()
        : this("The configuration cannot be used.")
    {
    }

    /// <summary>Creates an exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">Why.</param>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception; its message is the errors, one a line.</summary>
    /// <param name="errors">At least one error, in the order of the file.</param>
    public ConfigurationException(ImmutableArray<ConfigurationError> errors)
        : base(string.Join('\n', errors.Select(error => error.ToString())))
    {
        Errors = errors;
    }

    /// <summary>Everything that is wrong, in the order of the file.</summary>
    public ImmutableArray<ConfigurationError> Errors { get; } = [];
}
